// What a form shows when the server refuses what was typed: at the field it is about, or below the form.
import { Alert } from '@mantine/core'
import { Problem } from '@/api/problem'
import { useProblemText } from './state'

/** By the server's code, the field of a form that it is about. */
export type FieldsOf<Field extends string> = Readonly<Partial<Record<string, Field>>>

/** Gives what stands at each field, and what is about none of them. */
export function useRefusal<Field extends string>(
  error: unknown,
  fields: FieldsOf<Field>,
): { at: (field: Field) => string | undefined; rest: string | null } {
  const said = useProblemText()
  if (error === null || error === undefined) return { at: () => undefined, rest: null }
  const known = Object.values<string | undefined>(fields)
  const named = error instanceof Problem ? (fields[error.code] ?? error.field) : null
  const isKnown = named !== null && known.includes(named)
  return { at: (field) => (named === field ? said(error) : undefined), rest: isKnown ? null : said(error) }
}

/** A refusal in one sentence; nothing while there is none. */
export function Refused({ said }: { said: string | null }) {
  if (said === null) return null
  return (
    <Alert color="red" role="alert" p="xs">
      {said}
    </Alert>
  )
}
