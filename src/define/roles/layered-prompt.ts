/**
 * A system prompt in named layers. The same layers always give the same text, in whichever order they are written down, so
 * that a provider finds it in its cache; the key tells one text from another.
 */

import { createHash } from "node:crypto";
import { LAYER_GAP, layerText, PROMPT_LAYERS } from "../../domain/model/prompt-layers.ts";
import { isRecord } from "../../domain/values/is-record.ts";
import { nearest } from "../../domain/values/nearest.ts";
import { declared } from "../declared.ts";
import { FaultList, inWords } from "./definition-error.ts";

export type PromptLayer = (typeof PROMPT_LAYERS)[number];

export type PromptLayers = { readonly [Layer in PromptLayer]?: string };

/** Returned by `layeredPrompt`. */
export class LayeredPrompt {
  /** The layers that have text, in their order. */
  readonly layers: readonly { readonly name: PromptLayer; readonly text: string }[];
  /** What the model is told: each layer between tags of its name. */
  readonly text: string;
  /** SHA-256 of the text, in hex. */
  readonly cacheKey: string;

  constructor(layers: PromptLayers) {
    this.layers = Object.freeze(
      PROMPT_LAYERS.map((name) => Object.freeze({ name, text: plain(layers[name] ?? "") })).filter(({ text }) => text),
    );
    this.text = this.layers.map(({ name, text }) => layerText(name, text)).join(LAYER_GAP);
    this.cacheKey = createHash("sha256").update(this.text).digest("hex");
    Object.freeze(this);
  }
}

/**
 * A prompt of layers: `identity`, `rules`, `knowledge`, `instructions`, `examples`, `output`, `context`, in this order; empty
 * ones are left out. Throws a `DefinitionError` for a layer that is none or no text, and when all are empty.
 */
export function layeredPrompt(layers: PromptLayers): LayeredPrompt {
  return declared(
    () => promptOf(layers),
    () => new LayeredPrompt({}),
  );
}

function promptOf(layers: PromptLayers): LayeredPrompt {
  const faults = new FaultList("layeredPrompt");
  const given: unknown = layers;
  if (!isRecord(given)) {
    faults.add("invalid_layer", "layers", `it was given ${inWords(given)}: give { identity: "…", instructions: "…" }`);
    faults.throwAny();
  }
  for (const [name, text] of Object.entries(layers)) {
    if (!(PROMPT_LAYERS as readonly string[]).includes(name)) {
      const meant = nearest(name, PROMPT_LAYERS);
      const hint = meant === undefined ? `the layers are ${PROMPT_LAYERS.join(", ")}` : `did you mean "${meant}"?`;
      faults.add("invalid_layer", name, `"${name}" is no layer: ${hint}`);
    } else if (text !== undefined && typeof text !== "string")
      faults.add("invalid_layer", name, `the layer "${name}" is ${inWords(text)}: give a text`);
  }
  faults.throwAny();
  const prompt = new LayeredPrompt(layers);
  if (prompt.text === "") faults.add("invalid_layer", "layers", "every layer is empty: give at least one with text");
  faults.throwAny();
  return prompt;
}

/** A file that was checked out with other line ends gives the same text. */
function plain(text: string): string {
  return text.replaceAll(/\r\n?/g, "\n").trim();
}
