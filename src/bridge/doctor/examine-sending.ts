/** The part of an examination that sends: everything goes out, and what is refused is a finding. */
import type { Check, Finding } from './findings.js'
import { judgeGone, judgeRefusal } from './judge-sending.js'
import { pageProbe, valuesProbe } from './probes.js'
import { freshSeed } from './seed.js'
import type { Sender, Sent } from './sender.js'
import type { Treatment } from './treatment.js'

/** What came of sending. */
export interface SentAll {
  /** What was to be sent, by check, in the order in which findings are told. */
  readonly checks: readonly Check[]
  /** What was not accepted. */
  readonly findings: ReadonlyMap<Check, Finding>
  /** Nobody answered any more, not even to a small trace; then the rest was not sent. */
  readonly isUnreachable: boolean
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
  let isUnreachable = false
  const send = async (check: Check, how: () => Promise<Sent>) => {
    if (isUnreachable) {
      findings.set(check, judgeGone(check, false))
      return
    }
    onProgress?.(`sending: ${check}`)
    const sent = await how()
    if (check === 'page' && mayBeTooLarge(sent)) fitting = await fittingRequest(sender)
    const refusal = judgeRefusal(check, sent, fitting)
    if (refusal !== undefined) findings.set(check, refusal)
    // A proxy may hang up on a large request and go on answering others.
    if (sent.isUnreachable) isUnreachable = await isGone(sender)
  }
  await send('long text', () => sender.probes([text]))
  await send('events', () => sender.probes([events]))
  await send('page', () => sender.probes([page]))
  await send('old run', () => sender.pages(old.pages))
  await send('run', () => sender.pages(run.pages))
  if (burst.length > 0) await send('burst', () => sender.probes(burst))
  const ofProbes: readonly Check[] = ['long text', 'integers', 'nanoseconds', 'events', 'page']
  const ofBurst: readonly Check[] = burst.length > 0 ? ['burst'] : []
  return { checks: [...ofProbes, ...ofBurst, 'old run', 'run'], findings, isUnreachable }
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

async function isGone(sender: Sender): Promise<boolean> {
  return (await sender.probes([valuesProbe(freshSeed())])).isUnreachable
}
