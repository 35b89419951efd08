const CODED = /^([A-Z][A-Z0-9_]+): (.*)$/s

/** Gives what a job's or an export's error says, apart from its code. */
export function errorOf(error: string | null): { code: string | null; message: string } | null {
  if (error === null) return null
  const [, code, message] = CODED.exec(error) ?? []
  return code === undefined ? { code: null, message: error } : { code, message: message ?? '' }
}
