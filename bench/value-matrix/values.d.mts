export declare const VALUES: readonly { readonly kind: string; readonly make: () => unknown }[]
