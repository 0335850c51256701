const PASSED = new Set([
  'APPDATA',
  'HOME',
  'HOMEDRIVE',
  'HOMEPATH',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'LOCALAPPDATA',
  'LOGNAME',
  'NO_PROXY',
  'PATH',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'SSH_AUTH_SOCK',
  'SYSTEMROOT',
  'TEMP',
  'TMP',
  'TMPDIR',
  'USER',
  'USERNAME',
  'USERPROFILE',
  'XDG_CONFIG_HOME',
]);

const OWN = {
  LC_ALL: 'C',
  // Without it, `git status` rewrites the user's index.
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
};

/** What git sees of the environment: nothing that points it to another repository or index, as a hook's does. */
export function gitEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const passed = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && PASSED.has(name.toUpperCase()) ? [[name, value] as const] : [],
  );
  return { ...Object.fromEntries(passed), ...OWN };
}
