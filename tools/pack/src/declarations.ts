import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { ROOT, type PackedPackage } from './packages.ts';
import { run } from './run.ts';

/**
 * Writes the types of a package, with those of all packages that it bundles, as one declaration file for each module
 * format. Only the packages of `dependencies` stay imports. The report of its API is kept in the package, so that each
 * change of it is seen and meant.
 * @param acceptsApi whether to write the report; otherwise it must be as it is kept
 * @throws Error if the declarations do not compile, or the API is not as reported
 */
export async function writeDeclarations(
  name: string,
  { dependencies }: PackedPackage,
  directory: string,
  acceptsApi: boolean,
): Promise<void> {
  const folder = join(ROOT, 'packages', name);
  await run('tsc', ['-b', folder], ROOT);
  const target = join(directory, 'index.d.ts');
  const faults: string[] = [];
  const { apiReportChanged } = Extractor.invoke(configuration(name, directory, dependencies), {
    localBuild: acceptsApi,
    messageCallback(message) {
      message.handled = true;
      if (message.messageId.startsWith(OF_REPORT)) return;
      if (message.logLevel === ExtractorLogLevel.Error || message.logLevel === ExtractorLogLevel.Warning)
        faults.push(message.text);
    },
  });
  if (faults.length > 0) throw new Error(`the declarations of ${name} do not compile:\n${faults.join('\n')}`);
  if (apiReportChanged && !acceptsApi)
    throw new Error(
      `the API of ${name} is not that of ${reportOf(name)}: if the change is meant, and does not break programs without a new version, run npx tallystick pack ${name} --accept-api`,
    );
  await copyFile(target, join(directory, 'index.d.cts'));
}

/** Messages about the report of the API, which is compared here. */
const OF_REPORT = 'console-api-report-';

/** Returns the report of a package's API, in the repository. */
function reportOf(name: string): string {
  return `packages/${name}/${name}.api.md`;
}

function configuration(name: string, directory: string, dependencies: readonly string[]): ExtractorConfig {
  const folder = join(ROOT, 'packages', name);
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
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: folder,
        reportTempFolder: directory,
      },
      docModel: { enabled: false },
      tsdocMetadata: { enabled: false },
      dtsRollup: { enabled: true, untrimmedFilePath: join(directory, 'index.d.ts') },
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
