/** Thrown in place of what broke once an execution was handed to its object: it may be there, and its caller has to know it. */
export class UnderWay extends Error {
  override readonly name = "UnderWay";
  readonly executionId: string;

  constructor(executionId: string, cause: unknown) {
    super("the answer of an execution that may have begun did not come", { cause });
    this.executionId = executionId;
  }
}

/** What goes wrong in it is told with the execution's id. */
export async function underWay<T>(executionId: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw new UnderWay(executionId, error);
  }
}
