// Which features' words a page needs, by its address; the first part of it names the feature.
const SAID: Readonly<Record<string, readonly string[]>> = {
  '': ['dashboards'],
  public: ['dashboards'],
  'sign-in': ['entry'],
  link: ['entry'],
  explore: ['explore', 'custom'],
  operations: ['operations', 'days'],
}

/** Give the features whose words the page at an address needs. */
export function wordsAt(path: string): readonly string[] {
  const place = path.split('/')[1] ?? ''
  return ['answers', ...(SAID[place] ?? [place])]
}
