// Builds `dist/page` from `src/page`: what a browser is given, as strings in one module, and what Node renders the page with.
// Everything that they use is bundled in, so that a report needs no network and the package no further dependency; the licences
// of what is bundled are in the bundles and beside them. Promises: the same sources give the same bytes, whatever the folder.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { licences, packagesOf } from './licences.mjs'

const BROWSERS = 'es2023'
const NODE = 'node20.19'

/**
 * Builds the page.
 *
 * @param {string} root The checkout. Its `dist` exists.
 * @returns {Promise<void>} Rejects, with the reason, where a source cannot be bundled.
 * @example
 * await buildPage(process.cwd())
 */
export async function buildPage(root) {
  const target = join(root, 'dist', 'page')
  mkdirSync(target, { recursive: true })
  const report = await bundle(root, 'report.tsx', 'iife', BROWSERS)
  const app = await bundle(root, 'app.tsx', 'iife', BROWSERS)
  const render = await bundle(root, 'prerender.tsx', 'es', NODE)
  const strings = {
    reportScript: forScriptElement(report),
    appScript: forScriptElement(app),
    styles: styles(join(root, 'src', 'page', 'styles')),
  }
  const packages = new Map([...report.packages, ...app.packages, ...render.packages])
  writeFileSync(join(target, 'assets.js'), moduleOf(strings))
  writeFileSync(join(target, 'render.js'), render.code)
  writeFileSync(join(target, 'LICENSES.txt'), `${licences(packages)}\n`)
}

/**
 * @param {string} root
 * @param {string} entry A file of src/page.
 * @param {'iife' | 'es'} format
 * @param {string} target
 */
async function bundle(root, entry, format, target) {
  const build = await rolldown({
    cwd: root,
    input: join(root, 'src', 'page', entry),
    platform: format === 'es' ? 'node' : 'browser',
    tsconfig: false,
    transform: { target, jsx: { runtime: 'automatic', importSource: 'preact' } },
    onLog(_level, log) {
      throw new Error(`src/page/${entry}: ${log.message}`)
    },
  })
  const { output } = await build.generate({ format, minify: true, comments: false })
  await build.close()
  const [chunk, ...others] = output
  if (others.length > 0) throw new Error(`src/page/${entry}: more than one file came of it`)
  const packages = packagesOf(chunk.moduleIds)
  const notice = licences(packages)
  const code = notice === '' ? chunk.code : `/*!\n${notice}\n*/\n${chunk.code}`
  return { entry, code, packages }
}

/** All styles, in the order of their names, without comments and indentation. @param {string} folder */
function styles(folder) {
  const files = readdirSync(folder).filter((file) => file.endsWith('.css'))
  const text = files
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n')
  const lines = text
    .replaceAll('\r', '')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
  return lines
    .map((line) => line.trim())
    .filter(Boolean)
    .join('\n')
}

/** The text of a script that goes between tags, where these must not end it. @param {{ entry: string, code: string }} bundled */
function forScriptElement({ entry, code }) {
  if (/<\/script|<!--/i.test(code)) throw new Error(`src/page/${entry}: its script ends a tag`)
  return code
}

/** @param {Record<string, string>} strings */
function moduleOf(strings) {
  return Object.entries(strings)
    .map(([name, text]) => `export const ${name} = ${JSON.stringify(text)}\n`)
    .join('')
}
