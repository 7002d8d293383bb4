/** @publicApi */
export interface RealRedisTlsOptions {
  /**
   * Whether clients have to show a certificate of the server's authority.
   *
   * @default 'none': they need not
   */
  readonly clientCertificates?: 'none' | 'required'
}

/**
 * What a client needs for a server with TLS, as its `tls` options: the authority that certified the server, and a
 * certificate of the client itself with its key, in PEM.
 *
 * @publicApi
 */
export interface RealRedisTls {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/**
 * What a server shows: a certificate for `localhost`, `127.0.0.1` and `::1` that is valid or has expired, or a valid one
 * for another name.
 *
 * @publicApi
 */
export type ServerCertificate = 'valid' | 'expired' | 'other-name'
