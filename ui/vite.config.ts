/// <reference types="vitest/config" />
import { fileURLToPath } from 'node:url'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Manifest, type Plugin, type Rolldown } from 'vite'
import { FIRST, type First } from './src/first.ts'
import { LANGUAGES } from './src/texts/languages.ts'

const SERVER = process.env['KEEPSUM_SERVER'] ?? 'http://127.0.0.1:8765'

/** Packs what gets smaller by it once, here, and not with every request. */
function packed(): Plugin {
  const pack = promisify(gzip)
  return {
    name: 'packed',
    apply: 'build',
    async writeBundle({ dir = '' }) {
      const names = await readdir(dir, { recursive: true })
      const texts = names.filter((name) => /\.(js|css|svg)$/.test(name)).map((name) => path.join(dir, name))
      await Promise.all(
        texts.map(async (file) => writeFile(`${file}.gz`, await pack(await readFile(file), { level: 9 }))),
      )
    },
  }
}

/** Writes down which files each page begins with, for the server: src/keepsum/http/beginnings.py. */
function begun(): Plugin {
  return {
    name: 'begun',
    apply: 'build',
    async writeBundle({ dir = '' }) {
      const manifest = JSON.parse(await readFile(path.join(dir, 'manifest.json'), 'utf8')) as Manifest
      const pages = Object.entries(FIRST).map(([address, first]) => [address, beginning(manifest, first)] as const)
      await writeFile(path.join(dir, 'first.json'), JSON.stringify(Object.fromEntries(pages)))
    },
  }
}

/** Give the files that a page begins with beside those of every page, by language, and what it asks the server. */
function beginning(manifest: Manifest, { modules, asked }: First) {
  const every = needed(manifest, ['index.html'])
  const files = Object.keys(LANGUAGES).map((language) => {
    const found = needed(
      manifest,
      modules.map((name) => name.replace('{language}', language)),
    )
    return [language, [...found].filter((name) => !every.has(name))] as const
  })
  return { files: Object.fromEntries(files), asked }
}

/** Give all files that modules need at once. */
function needed(manifest: Manifest, modules: readonly string[]): Set<string> {
  const waiting = [...modules]
  const known = new Set<string>()
  const found = new Set<string>()
  for (const name of waiting) {
    const chunk = manifest[name]
    if (chunk === undefined) throw new Error(`A page begins with ${name}, which is no part of the build`)
    if (known.has(name)) continue
    known.add(name)
    found.add(chunk.file)
    for (const style of chunk.css ?? []) found.add(style)
    waiting.push(...(chunk.imports ?? []))
  }
  return found
}

/** Puts what a module needs at once into one file. */
function neededBy(module: string, name: string) {
  let needed: ReadonlySet<string> | undefined
  const nameOf: Rolldown.CodeSplittingNameFunction = (id, read) => {
    needed ??= reached(read, idOf(module))
    return needed.has(id) ? name : null
  }
  return { name: nameOf, debugName: name }
}

/** Give all modules of the interface that one needs at once. */
function reached(read: Rolldown.ChunkingContext, first: string): ReadonlySet<string> {
  const found = new Set<string>()
  const waiting = new Set([first])
  for (const id of waiting)
    for (const other of read.getModuleInfo(id)?.importedIds ?? [])
      if (other.startsWith(idOf('src/'))) {
        found.add(other)
        waiting.add(other)
      }
  return found
}

function idOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url))
}

// What asks is apart from what shows, which is far more: questions leave before that is there.
const GROUPS = [
  { name: 'first', tags: ['$initial' as const], priority: 4 },
  { ...neededBy('src/features/dashboards/ahead.ts', 'asking'), priority: 3 },
  { ...neededBy('src/features/dashboards/view.tsx', 'board'), priority: 2 },
  { name: 'icons', test: /@tabler/, minShareCount: 2, priority: 1 },
]

export default defineConfig({
  base: '/app/',
  plugins: [react(), packed(), begun()],
  resolve: { alias: { '@': idOf('src') } },
  // The server puts a fresh nonce in its place with every page it gives: src/keepsum/http/interface.py.
  html: { cspNonce: '__NONCE__' },
  build: {
    outDir: '../src/keepsum/http/ui',
    emptyOutDir: true,
    manifest: 'manifest.json',
    // Older ones do not know light-dark(), and what stands in for it would never see the scheme change.
    target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    // A browser asks for six files at once: what all pages begin with is one, what boards do, and icons of several pages.
    rolldownOptions: { output: { codeSplitting: { groups: GROUPS } } },
    // Everything is a file of this server: data addresses would need a wider policy.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
  },
  server: {
    proxy: Object.fromEntries(['/v1', '/docs', '/openapi.json', '/health'].map((path) => [path, SERVER])),
  },
  test: {
    maxWorkers: 1,
    projects: [
      // A file that needs a document all the same says so in its first line.
      { extends: true, test: { name: 'logic', include: ['src/**/*.test.ts'], environment: 'node', isolate: false } },
      {
        extends: true,
        test: {
          name: 'pages',
          include: ['src/**/*.test.tsx'],
          environment: 'jsdom',
          setupFiles: ['src/testing/setup.ts'],
          css: false,
          // The icons' own entry is six thousand modules; this is all of them in one.
          alias: { '@tabler/icons-react': '@tabler/icons-react/dist/cjs/tabler-icons-react.cjs' },
        },
      },
    ],
  },
})
