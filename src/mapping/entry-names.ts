/** The names of the attributes about an entry, which all begin alike. */

/** The attributes that hold what belongs to an entry rather than to its event. */
export interface EntryNames {
  readonly index: string
  readonly time: string
  readonly nanos: string
  readonly unknownMembers: string
  /** The fields of its event that this version does not know. */
  readonly unknownFields: string
}

const made = new Map<string, EntryNames>()

/**
 * The names that begin with a prefix, made once: every entry that is read is looked up by them.
 *
 * @example
 * entryNames('rivet.entry').index // 'rivet.entry.index'
 */
export function entryNames(prefix: string): EntryNames {
  const known = made.get(prefix)
  if (known !== undefined) return known
  const names = {
    index: `${prefix}.index`,
    time: `${prefix}.time`,
    nanos: `${prefix}.nanos`,
    unknownMembers: `${prefix}.unknown_members`,
    unknownFields: `${prefix}.unknown_fields`,
  }
  made.set(prefix, names)
  return names
}
