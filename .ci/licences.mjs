// Notices of the packages that are bundled: what is passed on must say whose it is.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The packages that files belong to.
 *
 * @param {readonly string[]} files
 * @returns {Map<string, string>} Their folders by name.
 * @example
 * packagesOf(chunk.moduleIds).get('preact') // '/…/node_modules/preact'
 */
export function packagesOf(files) {
  const found = files.flatMap((file) => {
    const [folder, name] =
      /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)(?=[\\/])/.exec(file) ?? []
    if (folder === undefined || name === undefined) return []
    return [/** @type {const} */ ([name.replace('\\', '/'), folder])]
  })
  return new Map(found)
}

/**
 * The notices of packages: whose they are one by one, and each text of a licence once.
 *
 * @param {ReadonlyMap<string, string>} packages Folders by name.
 * @returns {string} Throws where a package has no licence.
 * @example
 * licences(packagesOf(chunk.moduleIds)) // 'preact: Copyright (c) 2015-present Jason Miller\n…'
 */
export function licences(packages) {
  /** @type {Map<string, string[]>} */
  const holders = new Map()
  for (const [name, folder] of [...packages].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const file = readdirSync(folder).find((one) => /^licen[cs]e([.-]|$)/i.test(one))
    if (file === undefined) throw new Error(`${name} has no licence to pass on`)
    const paragraphs = readFileSync(join(folder, file), 'utf8')
      .replaceAll('\r', '')
      .trim()
      .split(/\n\s*\n/)
    const whose = paragraphs.filter((one) => /^copyright/i.test(one.trim())).map(oneLine)
    const text = paragraphs.filter((one) => !/^copyright/i.test(one.trim())).map(oneLine)
    const key = text.join('\n')
    holders.set(key, [...(holders.get(key) ?? []), `${name}: ${whose.join(' ')}`])
  }
  return [...holders].map(([text, whose]) => `${whose.join('\n')}\n${text}`).join('\n\n')
}

/** @param {string} text */
function oneLine(text) {
  return text.replace(/\s+/g, ' ').trim()
}
