import { describe, expect, test } from '@jest/globals';
import { generateHelpTextForAllCommands, proposeCompletions, run } from '@stricli/core';
import { application } from '../src/application.ts';
import { exitStatusOf } from '../src/exit-status.ts';

/** Runs a command line that ends before its command starts. */
async function refusal(line: string): Promise<{ status: number; stderr: string; stdout: string }> {
  const written = { stderr: '', stdout: '' };
  const process = {
    stderr: { write: (text: string) => void (written.stderr += text) },
    stdout: { write: (text: string) => void (written.stdout += text) },
    exitCode: undefined as number | string | null | undefined,
  };
  await run(application, line === '' ? [] : line.split(' '), { process });
  return { ...written, status: exitStatusOf(process.exitCode) };
}

async function completionsOf(...inputs: string[]): Promise<string[]> {
  const proposed = await proposeCompletions(application, inputs, { process });
  return proposed.map(({ completion }) => completion);
}

describe('the help of a command', () => {
  const commands = generateHelpTextForAllCommands(application);

  test('exists for every command', () => {
    expect(commands.map(([route]) => route)).toEqual(
      expect.arrayContaining(['tallystick demo', 'tallystick test', 'tallystick k8s rehearse']),
    );
  });

  test.each(commands)('%s fits a wide terminal', (_route, text) => {
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(150);
  });

  test('goes to stdout with status 0, also without a command', async () => {
    for (const line of ['', '--help', 'load --help', 'k8s --help'])
      expect(await refusal(line)).toMatchObject({
        status: 0,
        stderr: '',
        stdout: expect.stringContaining('USAGE'),
      });
  });
});

describe('a wrong command line ends with status 2 and names the mistake', () => {
  test.each([
    ['lod', /did you mean `load`/],
    ['chaos --minutes ten', /minutes "ten": must be a number/],
    ['chaos --seed -1', /seed/],
    ['chaos --pairs 1.5', /pairs "1.5"/],
    ['chaos --only kill-everybody', /there is no fault kill-everybody; choose from kill-service, /],
    ['chaos --faults', /--faults/],
    ['attack --only everything', /there is no attack or family everything; --list names them/],
    ['attack --mutations -1', /mutations/],
    ['simulate --seeds 0', /seeds "0"/],
    ['simulate --seed 1.5', /seed "1.5"/],
    ['load --rate fast', /rate "fast"/],
    ['load --mix cash', /mix "cash": must be one of account, card, two-phase, mixed/],
    ['load --hot 1.1', /hot/],
    ['load --replicas 3', /replicas/],
    ['load --seconds 0', /seconds/],
    ['load --capacity 50,fast', /capacity "fast"/],
    ['load --secons 5', /did you mean --seconds/],
    ['bench --only nothing', /there is no part nothing/],
    ['rehearse restore-everything', /there is no rehearsal restore-everything/],
    ['images --service ledger', /service "ledger": must be one of auth, /],
    ['images --tag a/b', /tag "a\/b": must be letters, digits/],
    ['images --engine rkt', /must be one of docker, podman, buildah/],
    ['k8s secrets', /--for/],
    ['k8s secrets --for cloud', /must be one of kubernetes, compose, production/],
    ['k8s producer --id A+B', /id "A\+B"/],
    ['admin burn payment.commands.v1', /there is no command burn/],
    ['admin quarantine nowhere', /there is no topic nowhere/],
    ['check spelling', /there is no check spelling/],
    ['contracts release', /--date/],
    ['contracts compare --on 2027-13-01', /on "2027-13-01": must be a day/],
    ['contracts release --date soon', /date "soon": must be a day/],
    ['completion fish', /must be bash or zsh/],
    ['stack now', /Too many arguments/],
  ])('%s', async (line, message) => {
    const { status, stderr } = await refusal(line);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(message) });
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('completion', () => {
  test('proposes commands, flags and their values', async () => {
    expect(await completionsOf('sim')).toEqual(['simulate']);
    expect(await completionsOf('load', '--li')).toEqual(['--limit-seconds']);
    expect(await completionsOf('load', '--mix', 'tw')).toEqual(['two-phase']);
  });

  test('proposes names that a command knows', async () => {
    expect(await completionsOf('rehearse', 'rebuild-k')).toEqual(['rebuild-keys']);
    expect(await completionsOf('admin', 'rel')).toEqual(['release']);
    expect(await completionsOf('admin', 'release', 'payment.comm')).toEqual(['payment.commands.v1']);
  });
});
