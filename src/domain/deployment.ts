/** Which deployment a database is. */
export interface DeploymentIdentity {
  readonly id: string;
  /** The database's name, for people. */
  readonly database: string;
}
