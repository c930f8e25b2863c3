/** What a browser is given, as texts. They are built from this folder: no source has this name. */

/** The script of a report: it takes over the page that {@link renderReport} made, with the view in `#rivet-otel-data`. */
export declare const reportScript: string

/** The script of the local page, which asks its server for what it shows. */
export declare const appScript: string

/** The styles of both. */
export declare const styles: string
