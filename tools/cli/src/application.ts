import {
  buildApplication,
  buildRouteMap,
  formatMessageForArgumentScannerError,
  text_en,
  ArgumentScannerError,
} from '@stricli/core';
import { attackCommand } from '@tallystick/attack/command.ts';
import { chaosCommand, simulateCommand } from '@tallystick/chaos/command.ts';
import { fuzzCommand } from '@tallystick/fuzz/command.ts';
import { demoCommand } from '@tallystick/demo/command.ts';
import { sandboxCommand } from '@tallystick/demo/sandbox/command.ts';
import { docsCommand } from '@tallystick/docs/command.ts';
import { picturesCommand } from '@tallystick/docs/pictures/command.ts';
import { imagesCommand } from '@tallystick/images/command.ts';
import { k8sCommands } from '@tallystick/k8s/command.ts';
import { benchCommand, compareLoadCommand, loadCommand } from '@tallystick/load/command.ts';
import { comparePeersCommand } from '@tallystick/load/peers/command.ts';
import { packCommand } from '@tallystick/pack/command.ts';
import { rehearseCommand } from '@tallystick/rehearsal/command.ts';
import { buildJaegerCommand, stackCommand } from '@tallystick/stack/command.ts';
import { testCommand } from '@tallystick/test/command.ts';
import { adminCommand } from './admin/command.ts';
import { checkCommand } from './check/command.ts';
import { completionCommand } from './completion/command.ts';
import { contractsCommands } from './contracts/command.ts';
import { generateCommand } from './generate/command.ts';
import { probeCommand } from './probe/command.ts';

const routes = buildRouteMap({
  routes: {
    demo: demoCommand,
    stack: stackCommand,
    sandbox: sandboxCommand,
    test: testCommand,
    check: checkCommand,
    generate: generateCommand,
    contracts: contractsCommands,
    load: loadCommand,
    compareLoad: compareLoadCommand,
    comparePeers: comparePeersCommand,
    bench: benchCommand,
    chaos: chaosCommand,
    simulate: simulateCommand,
    attack: attackCommand,
    fuzz: fuzzCommand,
    probe: probeCommand,
    rehearse: rehearseCommand,
    admin: adminCommand,
    images: imagesCommand,
    k8s: k8sCommands,
    pack: packCommand,
    docs: docsCommand,
    pictures: picturesCommand,
    buildJaeger: buildJaegerCommand,
    completion: completionCommand,
  },
  docs: {
    brief: 'A payment core in which no message is taken on trust',
    fullDescription:
      'Every command takes --help. Exit status: 0 on success, 1 if the command or a check failed, 2 for a wrong command, flag or setting.',
  },
});

/** Every command of the repository. */
export const application = buildApplication(routes, {
  name: 'tallystick',
  scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
  documentation: { caseStyle: 'convert-camel-to-kebab', onlyRequiredInUsageLine: true },
  localization: {
    text: {
      ...text_en,
      exceptionWhileParsingArguments: (fault) => {
        if (!(fault instanceof ArgumentScannerError)) return messageOf(fault);
        return formatMessageForArgumentScannerError(fault, {
          ArgumentParseError: ({ externalFlagNameOrPlaceholder: name, input, exception }) =>
            `${name} "${input}": ${messageOf(exception)}`,
          EnumValidationError: ({ externalFlagName: name, input, values }) =>
            `${name} "${input}": must be one of ${values.join(', ')}`,
        });
      },
    },
  },
});

function messageOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}
