/**
 * Watchers of one execution, a process of its own: opens sockets, and tells for every event when it came. With `posts`, it
 * also sends signals, one after the other, and times each beside the frames that it causes.
 */

export interface Watch {
  readonly url: string;
  readonly executionId: string;
  readonly sockets: number;
  /** Signals to send one by one; 0: one signal, then only watch until the execution ends. */
  readonly posts: number;
  /** Whether they take several events in one frame. */
  readonly batches: boolean;
}

export interface Watched {
  /** Milliseconds until the POST's own answer. */
  readonly postMs: readonly number[];
  /** Milliseconds from the POST's start until the frame, for every post and every socket. */
  readonly frameMs: readonly number[];
  /** Milliseconds from the event's own instant until the frame, for every event and every socket. */
  readonly delayMs: readonly number[];
  /** Events that each socket saw, and how many of the numbers between first and last it missed. */
  readonly seen: readonly number[];
  readonly missed: readonly number[];
  /** Sockets that the server closed before the execution ended: their readers would come back. */
  readonly cut: number;
  readonly spanMs: number;
}

interface Reader {
  readonly socket: WebSocket;
  readonly delays: number[];
  /** The execution's own end came by; the socket closes later. */
  readonly ended: Promise<void>;
  first: number;
  last: number;
  seen: number;
  isOver: boolean;
  isCut: boolean;
  onSignal: () => void;
  onEnd: () => void;
}

process.on("message", (wanted: Watch) => {
  void watch(wanted).then(
    (result) => process.send?.(result),
    (error) => process.send?.({ failed: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));

async function watch({ url, executionId, sockets, posts, batches }: Watch): Promise<Watched> {
  const path = `/api/v1/executions/${executionId}`;
  const stream = `${url.replace("http", "ws")}${path}/stream?after=1&batch=${batches}`;
  const opened = Array.from({ length: sockets }, () => open(stream));
  const readers = await Promise.all(opened);
  const postMs: number[] = [];
  const frameMs: number[] = [];
  const begun = performance.now();
  for (let index = 0; index < posts; index += 1) {
    const before = performance.now();
    const frames = readers.map((reader) => signalled(reader).then(() => frameMs.push(performance.now() - before)));
    const answer = await fetch(`${url}${path}/signals/tick`, { method: "POST", body: `{"data":${index}}` });
    await answer.text();
    postMs.push(performance.now() - before);
    if (answer.status !== 202) throw new Error(`a signal was answered ${answer.status}`);
    await Promise.all(frames);
  }
  if (posts === 0) {
    await fetch(`${url}${path}/signals/tick`, { method: "POST", body: "{}" });
    await Promise.all(readers.map(({ ended }) => ended));
  }
  const spanMs = performance.now() - begun;
  const cut = readers.filter(({ isCut }) => isCut).length;
  for (const { socket } of readers) socket.close();
  return {
    postMs,
    frameMs,
    delayMs: readers.flatMap(({ delays }) => delays),
    seen: readers.map(({ seen }) => seen),
    missed: readers.map(({ first, last, seen }) => last - first + 1 - seen),
    cut,
    spanMs,
  };
}

async function open(url: string): Promise<Reader> {
  const socket = new WebSocket(url);
  const { promise: ended, resolve: onEnd } = Promise.withResolvers<void>();
  const counts = { first: 0, last: 0, seen: 0, isOver: false, isCut: false };
  const reader: Reader = { socket, ended, delays: [], ...counts, onSignal: () => {}, onEnd };
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("message", ({ data }) => {
      const text = String(data);
      if (text.startsWith('{"type":"snapshot"')) resolve();
      else if (text.startsWith('{"type":"event')) read(reader, text);
      else if (text.startsWith('{"type":"check"')) socket.send(text);
    });
    socket.addEventListener("close", () => {
      reject(new Error(`${url} was closed at once`));
      reader.isCut = !reader.isOver;
      onEnd();
    });
  });
  return reader;
}

/** Cut from the text: parsing a hundred thousand frames a second would measure the reader. */
const HEADS = /"seq":(\d+),"type":"([^"]+)","at":"([^"]+)"/g;

function read(reader: Reader, text: string): void {
  const now = Date.now();
  for (const [, seq, type, at = ""] of text.matchAll(HEADS)) {
    reader.first ||= Number(seq);
    reader.last = Number(seq);
    reader.seen += 1;
    reader.delays.push(now - Date.parse(at));
    if (type === "signal.received") reader.onSignal();
    if (type !== "execution.succeeded") continue;
    reader.isOver = true;
    reader.onEnd();
  }
}

function signalled(reader: Reader): Promise<void> {
  return new Promise((resolve) => {
    reader.onSignal = resolve;
  });
}
