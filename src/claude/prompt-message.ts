/** The message that carries a prompt. A leading slash would make it a command of the CLI: a newline takes that away. */
export function promptMessage(prompt: string, uuid: string): object {
  return userMessage(prompt.startsWith('/') ? `\n${prompt}` : prompt, uuid);
}

/** The message that runs a command of the CLI, such as `/clear`. */
export function commandMessage(command: string, uuid: string): object {
  return userMessage(command, uuid);
}

function userMessage(content: string, uuid: string): object {
  return { type: 'user', message: { role: 'user', content }, uuid };
}
