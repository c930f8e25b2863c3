/** Whether the script has taken over. */
import { useEffect, useState } from 'preact/hooks'

/**
 * False in the page that was rendered before, and while it is taken over; true from then on.
 *
 * @example
 * const live = useLive()
 */
export function useLive(): boolean {
  const [live, setLive] = useState(false)
  useEffect(() => setLive(true), [])
  return live
}
