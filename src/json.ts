/** JSON-shaped values that travel between participants. Those from peers are parsed before use. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
