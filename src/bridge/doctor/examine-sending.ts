/** The part of an examination that sends: everything goes out, and what is refused is a finding. */
import type { Check, Finding } from './findings.js'
import { judgeRefusal } from './judge-sending.js'
import { pageProbe } from './probes.js'
import { freshSeed } from './seed.js'
import type { Sender, Sent } from './sender.js'
import type { Treatment } from './treatment.js'

/** What came of sending. */
export interface SentAll {
  /** What was sent, by check, in the order in which findings are told. */
  readonly checks: readonly Check[]
  /** What was not accepted. */
  readonly findings: ReadonlyMap<Check, Finding>
}

/** Sizes of requests that are tried where a page is refused, in bytes. */
const SMALLER = [1_000_000, 500_000, 200_000, 100_000]

/**
 * Sends everything but the first probe, which was sent already.
 *
 * @example
 * const { findings } = await sendAll(sender, treatment(seed, 500), {})
 */
export async function sendAll(
  sender: Sender,
  { text, events, page, run, old, burst }: Treatment,
  { onProgress }: { readonly onProgress?: ((what: string) => void) | undefined },
): Promise<SentAll> {
  const findings = new Map<Check, Finding>()
  let fitting: number | undefined
  const send = async (check: Check, how: () => Promise<Sent>) => {
    onProgress?.(`sending: ${check}`)
    const sent = await how()
    if (check === 'page' && mayBeTooLarge(sent)) fitting = await fittingRequest(sender)
    const refusal = judgeRefusal(check, sent, fitting)
    if (refusal !== undefined) findings.set(check, refusal)
  }
  await send('long text', () => sender.probes([text]))
  await send('events', () => sender.probes([events]))
  await send('page', () => sender.probes([page]))
  await send('old run', () => sender.pages(old.pages))
  await send('run', () => sender.pages(run.pages))
  const checks: Check[] = [
    'long text',
    'integers',
    'nanoseconds',
    'events',
    'page',
    'old run',
    'run',
  ]
  if (burst.length === 0) return { checks, findings }
  await send('burst', () => sender.probes(burst))
  return { checks: [...checks, 'burst'], findings }
}

/** Not where nobody answers, or somebody who is busy with other things. */
function mayBeTooLarge({ problems, isUnreachable }: Sent): boolean {
  return problems.length > 0 && !isUnreachable && !problems.some((p) => /answered 50\d/.test(p))
}

/** The largest of some sizes of requests with which a page gets through; each try is a trace of its own. */
async function fittingRequest(sender: Sender): Promise<number | undefined> {
  for (const maxRequestBytes of SMALLER) {
    const { problems } = await sender.probes([pageProbe(freshSeed())], { maxRequestBytes })
    if (problems.length === 0) return maxRequestBytes
  }
  return undefined
}
