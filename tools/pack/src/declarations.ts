import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { ROOT, type PackedPackage } from './packages.ts';
import { run } from './run.ts';

/**
 * Writes the types of a package, with those of all packages that it bundles, as one declaration file for each module
 * format. Only the packages of `dependencies` stay imports.
 * @throws Error if the declarations do not compile
 */
export async function writeDeclarations(
  name: string,
  { dependencies }: PackedPackage,
  directory: string,
): Promise<void> {
  const folder = join(ROOT, 'packages', name);
  await run('tsc', ['-b', folder], ROOT);
  const target = join(directory, 'index.d.ts');
  const faults: string[] = [];
  const { succeeded } = Extractor.invoke(configuration(folder, target, dependencies), {
    localBuild: true,
    messageCallback(message) {
      message.handled = true;
      if (message.logLevel === ExtractorLogLevel.Error || message.logLevel === ExtractorLogLevel.Warning)
        faults.push(message.text);
    },
  });
  if (!succeeded || faults.length > 0)
    throw new Error(`the declarations of ${name} do not compile:\n${faults.join('\n')}`);
  await copyFile(target, join(directory, 'index.d.cts'));
}

function configuration(folder: string, target: string, dependencies: readonly string[]): ExtractorConfig {
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: join(folder, 'dist', 'index.d.ts'),
      bundledPackages: ['@tallystick/*', ...bundledTypes.filter((one) => !dependencies.includes(one))],
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2024',
            lib: ['es2024'],
            types: ['node'],
            module: 'nodenext',
            moduleResolution: 'nodenext',
            strict: true,
            skipLibCheck: true,
            noEmit: true,
          },
          include: [join(folder, 'dist')],
        },
      },
      apiReport: { enabled: false, reportFileName: 'none.md' },
      docModel: { enabled: false },
      tsdocMetadata: { enabled: false },
      dtsRollup: { enabled: true, untrimmedFilePath: target },
      messages: {
        // Its rules for comments are not those of this repository.
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Warning } },
      },
    },
  });
}

/** Packages whose types appear in those of a packed package. */
const bundledTypes = ['dpop', 'jose', 'oauth4webapi', 'uuid'];
