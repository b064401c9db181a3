/**
 * Thrown where a deployment is put together and its own code or settings do not fit: a doubled definition, a service that
 * is missing. Its message is the sentence that an operator reads at start-up, in the log and as the answer to each request.
 */
export class Misconfigured extends Error {
  override readonly name = "Misconfigured";
}
