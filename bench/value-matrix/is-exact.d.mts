export declare const isExact: (back: unknown, original: unknown) => boolean
