// What the numbers of several widgets are, each sentence once.

export interface Said {
  readonly title: string
  readonly sentences: readonly string[]
}

export interface Gathered {
  readonly sentence: string
  /** The widgets that it is about; nothing where it is about all of them. */
  readonly titles: readonly string[] | null
}

/** Give each sentence once, in the order in which they come first. */
export function gathered(said: readonly Said[]): Gathered[] {
  const titles = new Map<string, string[]>()
  for (const { title, sentences } of said)
    for (const sentence of sentences) titles.set(sentence, [...(titles.get(sentence) ?? []), title])
  return [...titles].map(([sentence, of]) => ({ sentence, titles: of.length === said.length ? null : of }))
}
