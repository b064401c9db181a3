/** The body of an answer, or the first frames of a stream that has no end. */
export async function textOf(answer: Response): Promise<string> {
  if (!answer.body || !answer.headers.get("content-type")?.startsWith("text/event-stream")) return answer.text();
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  const over = new Promise<{ readonly done: true; readonly value?: string }>((resolve) =>
    setTimeout(() => resolve({ done: true }), 50),
  );
  let text = "";
  for (;;) {
    const { done, value = "" } = await Promise.race([reader.read(), over]);
    if (done) break;
    text += value;
  }
  await reader.cancel();
  return text;
}
