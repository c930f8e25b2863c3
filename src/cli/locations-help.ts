/** What the help of commands says about the places that they read. */

/** Where a command reads that is told nothing. */
export const DEFAULT_LOCATION = `
Default:            the state database of rivet, as rivet finds it: RIVET_STATE_URL where it is set,
                    else .rivet_state.db beside -c rivet.yaml, else ./.rivet_state.db`

/** Everything that can be read, and {@link DEFAULT_LOCATION}. */
export const LOCATIONS = `
Locations to read:  ./.rivet_state.db, postgres://…, journals.jsonl, journals.json, traces.otlp.jsonl, - (standard input),
                    jaeger+http(s)://host:16686, tempo+http(s)://host:3200${DEFAULT_LOCATION}`
