// An example of a record as an application would send it.

interface Field {
  name: string
  kind: string
  sensitivity: string
  choices: readonly string[] | null
}

interface Declared {
  name: string
  time: string
  key: string
  subject: string | null
  fields: readonly Field[]
}

type Sample = Record<string, string | number | boolean>

const VALUES: Record<string, string | number | boolean> = { boolean: true, integer: 1, decimal: '1.5', money: '9.99' }

/** Gives a record that the stream would take: secret fields are left out, for they are never kept. */
export function sampleOf(stream: Declared, isDate: boolean, now: string): Sample {
  const sample: Sample = {
    [stream.key]: `${stream.name}-1`,
    [stream.time]: isDate ? now.slice(0, 10) : now,
    ...(stream.subject !== null && { [stream.subject]: 'person-1' }),
  }
  for (const field of stream.fields) {
    if (field.sensitivity !== 'secret') sample[field.name] ??= field.choices?.[0] ?? VALUES[field.kind] ?? 'example'
  }
  return sample
}

/** Gives the command that sends it; an apostrophe in a value does not end the shell's text. */
export function curlFor(where: string, sample: Sample, token = 'YOUR_TOKEN'): string {
  const body = JSON.stringify(sample, null, 2).replaceAll("'", String.raw`'\''`)
  return `curl '${where}' \\\n  -H 'Authorization: Bearer ${token}' \\\n  -H 'Content-Type: application/json' \\\n  -d '${body}'`
}

/** Gives the program that sends it, with nothing but Python's own library. */
export function pythonFor(where: string, sample: Sample, token = 'YOUR_TOKEN'): string {
  const lines = Object.entries(sample).map(([name, value]) => `    ${JSON.stringify(name)}: ${literal(value)},`)
  return `import json
from urllib.request import Request, urlopen

record = {
${lines.join('\n')}
}
request = Request(
    ${JSON.stringify(where)},
    data=json.dumps(record).encode(),
    headers={"Authorization": "Bearer ${token}", "Content-Type": "application/json"},
)
print(urlopen(request).read().decode())`
}

function literal(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return JSON.stringify(value)
}
