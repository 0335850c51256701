/** Whether a skill may be called so; safe as the name of a folder. The standard is stricter, see `lintSkill`. */
export function isSkillName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name);
}

/** `code_review` and `code-review` are one name. */
export function canonicalName(name: string): string {
  return name.replaceAll('_', '-');
}
