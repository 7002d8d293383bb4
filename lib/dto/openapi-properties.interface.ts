/**
 * What `@nestjs/swagger` asks a class for, as its compiler plugin would have written it: what `@ApiProperty(…)` takes, by
 * property. Nothing of the package is imported for it.
 */
export type OpenApiProperties = Readonly<Record<string, Readonly<Record<string, unknown>>>>
