/**
 * Node's own `node:sqlite`, where this Node has one that can be used. How it is opened is the
 * business of whoever opens it.
 */

/** The module. */
export type NodeSqlite = typeof import('node:sqlite')

/**
 * The module, or `undefined` where this Node is too old: before 22.13 it is missing, hidden behind a
 * flag, or takes `readOnly` for nothing.
 *
 * @example
 * nodeSqlite()?.DatabaseSync
 */
export function nodeSqlite(): NodeSqlite | undefined {
  if (!isNodeAtLeast({ 22: 13, 23: 4 })) return undefined
  return withoutItsWarning((): NodeSqlite | undefined => process.getBuiltinModule('node:sqlite'))
}

/**
 * Whether this Node has a feature.
 *
 * @param minors The first minor version of each line that has it; later lines have it, earlier ones not.
 * @example
 * isNodeAtLeast({ 22: 15, 23: 10 })
 */
export function isNodeAtLeast(minors: { readonly [major: number]: number }): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const needed = minors[major]
  return needed === undefined
    ? major > Math.max(...Object.keys(minors).map(Number))
    : minor >= needed
}

/**
 * Node announces on standard error, once, that the module is experimental. Whoever runs a command
 * can do nothing with that. Every other warning passes.
 */
function withoutItsWarning<T>(load: () => T): T {
  const emitWarning = process.emitWarning
  process.emitWarning = ((warning: string | Error, ...details: []) => {
    if (!String(warning).includes('SQLite is an experimental feature'))
      emitWarning.call(process, warning, ...details)
  }) as typeof process.emitWarning
  try {
    return load()
  } finally {
    process.emitWarning = emitWarning
  }
}
