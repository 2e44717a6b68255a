import { buildCommand } from '@stricli/core';

const script = `_tallystick() {
  local IFS=$'\\n'
  COMPREPLY=($(npx --no tallystick __complete "\${COMP_WORDS[@]:$1:COMP_CWORD-$1+1}" 2>/dev/null))
}
_tallystick_direct() { _tallystick 1; }
_tallystick_npx() {
  if [ "\${COMP_WORDS[1]}" = tallystick ]; then _tallystick 2; fi
}
complete -o default -F _tallystick_direct tallystick
complete -o default -F _tallystick_npx npx
`;

export const completionCommand = buildCommand<object, ['bash' | 'zsh']>({
  func(_flags, shell) {
    if (shell === 'zsh') this.process.stdout.write('autoload -Uz bashcompinit && bashcompinit\n');
    this.process.stdout.write(script);
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: (text) => {
            if (text === 'bash' || text === 'zsh') return text;
            throw new Error('must be bash or zsh');
          },
          proposeCompletions: () => ['bash', 'zsh'],
          placeholder: 'bash|zsh',
          brief: 'The shell',
        },
      ],
    },
  },
  docs: {
    brief: 'Print a script that completes commands and flags',
    fullDescription: 'Load it in the checkout: source <(npx tallystick completion bash)',
  },
});
