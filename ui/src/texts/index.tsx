// Every word that people read, by language and feature; German has the same keys, or the types say so.
import { createContext, use, useEffect, useState, type ReactNode } from 'react'
import { makeFormats, type Formats } from './format'
import { LANGUAGES, type Language } from './languages'
import type english from './en'

export type Texts = typeof english
export { LANGUAGES, type Language }

type Feature = keyof Texts

const KEPT = 'keepsum.language'
// Every page needs these, which are one file; the others come with the pages that ask for them.
const CORE: readonly Feature[] = ['nav', 'parts', 'problems', 'shell']
const FILES = import.meta.glob<Record<string, unknown>>(['./{en,de}/*.ts', '!./*/{index,nav,parts,problems,shell}.ts'])

const known = new Set<string>()
const coming = new Map<string, Promise<unknown>>()

interface Spoken {
  language: Language
  speak: (language: Language) => void
}

const Context = createContext<Spoken | null>(null)

/** Give the words of one feature in the language of the person; a page waits for those that are still on their way. */
export function useTexts<Name extends Feature>(feature: Name): Texts[Name] {
  const { language } = useSpoken()
  // TRICKY: asked for even when they are there, because React goes on behind this very call when it has waited.
  return use(fetched(language, feature)) as Texts[Name]
}

function fetched(language: Language, feature: Feature): Promise<unknown> {
  const key = `${language}/${feature}`
  const promise = coming.get(key) ?? fetchTexts(language, feature)
  coming.set(key, promise)
  return promise
}

function fetchTexts(language: Language, feature: Feature): Promise<unknown> {
  const key = `${language}/${feature}`
  const promise = (async () => (await FILES[fileOf(language, feature)]?.())?.[feature])()
  promise.then(
    (value) => {
      known.add(key)
      // What React looks at to give them at once, without waiting even for a moment.
      void Object.assign(promise, { status: 'fulfilled', value })
    },
    // The next one who asks tries again.
    () => coming.delete(key),
  )
  return promise
}

function fileOf(language: Language, feature: string): string {
  return `./${language}/${CORE.some((one) => one === feature) ? 'core' : feature}.ts`
}

/** Give the language, and what changes it. */
export function useLanguage(): Pick<Spoken, 'language' | 'speak'> {
  return useSpoken()
}

/** Give dates, times and numbers as the language writes them; times in a zone, where one is given. */
export function useFormats(zone?: string): Formats {
  return makeFormats(useSpoken().language, zone)
}

function useSpoken(): Spoken {
  const spoken = use(Context)
  if (spoken === null) throw new Error('There are no texts above this part of the page')
  return spoken
}

/** Give the language that somebody chose here before, else the browser's, else English. */
export function firstLanguage(): Language {
  const wanted = [remembered(), ...navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase())]
  return wanted.find((one): one is Language => one !== null && one in LANGUAGES) ?? 'en'
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEPT)
  } catch {
    return null
  }
}

/** Load the words of a language that every page needs, and those of the features that are named. */
export async function load(language: Language, features: readonly string[] = []): Promise<void> {
  const wanted = [...CORE, ...features].filter((one): one is Feature => fileOf(language, one) in FILES)
  await Promise.all(wanted.map((one) => fetched(language, one)))
}

/** Gives everything below it a language, and lets it be changed without losing anything. */
export function TextsProvider({ first, children }: { first: Language; children: ReactNode }) {
  const [language, setLanguage] = useState(first)
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  const speak = (wanted: Language) => {
    const shown = [...known].map((key) => key.slice(3))
    void load(wanted, shown).then(() => {
      setLanguage(wanted)
      remember(wanted)
    })
  }
  return <Context value={{ language, speak }}>{children}</Context>
}

function remember(language: Language): void {
  try {
    localStorage.setItem(KEPT, language)
  } catch {
    // Storage may be switched off; the choice then lasts as long as the page.
  }
}
