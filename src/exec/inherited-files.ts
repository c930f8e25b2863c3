/**
 * The open files that this process was started with, beside its standard input, output and error: a
 * shell's `3>log`, the pipes of a `make -j`. Node closes them for the programs that it starts unless
 * it is told which they are.
 */
import { readdirSync, readlinkSync } from 'node:fs'

/** What Node opens for itself begins with one of these. */
const OF_NODE = /^anon_inode:/
const NULL = '/dev/null'

/**
 * Their numbers, in order; none where there is no `/proc`. It must be asked before this process opens
 * any file. A pipe or a socket whose number is higher than that of something of Node's own cannot be
 * told from Node's own, and is left out.
 *
 * @example
 * inheritedFiles() // [3] in: 3>log rivet-otel exec -- …
 */
export function inheritedFiles(): readonly number[] {
  const inherited: number[] = []
  let isBeforeNode = true
  for (const { fd, target } of openFiles()) {
    if (OF_NODE.test(target)) isBeforeNode = false
    else if (isBeforeNode || (target.startsWith('/') && target !== NULL)) inherited.push(fd)
  }
  return inherited
}

function openFiles(): readonly { readonly fd: number; readonly target: string }[] {
  try {
    return readdirSync('/proc/self/fd')
      .map(Number)
      .filter((fd) => fd > 2)
      .sort((a, b) => a - b)
      .flatMap((fd) => targetOf(fd) ?? [])
  } catch {
    return []
  }
}

/** Nothing for the folder that was just being read. */
function targetOf(fd: number): { readonly fd: number; readonly target: string } | undefined {
  try {
    return { fd, target: readlinkSync(`/proc/self/fd/${fd}`) }
  } catch {
    return undefined
  }
}
