/// <reference types="vitest/config" />
import { fileURLToPath } from 'node:url'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

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

export default defineConfig({
  base: '/app/',
  plugins: [react(), packed()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  // The server puts a fresh nonce in its place with every page it gives: src/keepsum/http/interface.py.
  html: { cspNonce: '__NONCE__' },
  build: {
    outDir: '../src/keepsum/http/ui',
    emptyOutDir: true,
    manifest: 'manifest.json',
    // Older ones do not know light-dark(), and what stands in for it would never see the scheme change.
    target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    // Everything is a file of this server: data addresses would need a wider policy.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: Object.fromEntries(['/v1', '/docs', '/openapi.json', '/health'].map((path) => [path, SERVER])),
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing/setup.ts'],
    css: false,
    maxWorkers: 1,
    // The icons' own entry is six thousand modules; this is all of them in one.
    alias: { '@tabler/icons-react': '@tabler/icons-react/dist/cjs/tabler-icons-react.cjs' },
  },
})
