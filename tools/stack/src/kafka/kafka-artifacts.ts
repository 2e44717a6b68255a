import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify, types } from 'node:util';

import { cacheDirectory } from '../cache-directory.ts';
import { messageOf, PrerequisiteError, systemErrorCode } from '../errors.ts';
import { KAFKA_VERSION } from './kafka-settings.ts';

const run = promisify(execFile);
const DOWNLOAD_TIMEOUT_MS = 300_000;
const MINIMUM_JAVA = 17;

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>tallystick</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-simple</artifactId>
      <version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
`;

/**
 * Finds a Java that can run Kafka 4: that of `JAVA_HOME`, or `java` on the path.
 *
 * @param env the source of JAVA_HOME and PATH
 * @returns the command to run
 * @throws PrerequisiteError if there is none, or if it is older than 17
 */
export async function requireJava(env: NodeJS.ProcessEnv): Promise<string> {
  const home = env['JAVA_HOME'];
  const java = home === undefined || home === '' ? 'java' : join(home, 'bin', 'java');
  const advice = `install Java ${MINIMUM_JAVA} or later (for example openjdk-17-jre-headless) or a container engine, or name a Kafka in KAFKA_BROKERS`;
  let text: string;
  try {
    text = (await run(java, ['-version'], { env })).stderr;
  } catch (error) {
    throw new PrerequisiteError(`Kafka needs Java, but ${java} does not run: ${advice}.`, { cause: error });
  }
  const [, major, minor] = /version "(\d+)(?:\.(\d+))?/.exec(text) ?? [];
  const version = Number(major === '1' ? minor : major);
  if (version >= MINIMUM_JAVA) return java;
  throw new PrerequisiteError(
    `Kafka needs Java ${MINIMUM_JAVA}, but ${java} is ${text.split('\n')[0]}: ${advice}.`,
  );
}

/**
 * Downloads Kafka's jar files into the cache by Maven, unless they are present.
 *
 * @param progress called with a line before a download
 * @param env the source of PATH
 * @returns the directory of the jar files
 * @throws PrerequisiteError if Maven is missing or the download fails
 */
export async function kafkaJars(progress: (line: string) => void, env: NodeJS.ProcessEnv): Promise<string> {
  const directory = join(cacheDirectory(), `kafka-${KAFKA_VERSION}`);
  if (existsSync(directory)) return directory;
  progress(`Downloading Kafka ${KAFKA_VERSION} with Maven (43 MB, once)`);
  await mkdir(cacheDirectory(), { recursive: true });
  // two stacks may do this at the same time, and one may be killed midway: the final directory is always complete
  const work = await mkdtemp(`${directory}.partial-`);
  try {
    await writeFile(join(work, 'pom.xml'), pom);
    await maven(work, env);
    await rename(join(work, 'libs'), directory).catch((error: unknown) => {
      if (systemErrorCode(error) !== 'ENOTEMPTY' && systemErrorCode(error) !== 'EEXIST') throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return directory;
}

async function maven(directory: string, env: NodeJS.ProcessEnv): Promise<void> {
  const args = ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=libs'];
  try {
    await run('mvn', args, { cwd: directory, env, timeout: DOWNLOAD_TIMEOUT_MS });
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') {
      throw new PrerequisiteError(
        'Kafka is downloaded with Maven, but mvn is not installed: install Maven or a container engine, or name a Kafka in KAFKA_BROKERS.',
        { cause: error },
      );
    }
    const said =
      types.isNativeError(error) && 'stdout' in error ? String(error.stdout).trim().split('\n')[0] : '';
    throw new PrerequisiteError(
      `Maven could not download org.apache.kafka:kafka_2.13:${KAFKA_VERSION} (${said === '' ? messageOf(error).split('\n')[0] : said}): check that this machine can reach a Maven repository.`,
      { cause: error },
    );
  }
}
