/** Recurrent networks for text, small enough for a browser: an embedding, one LSTM, a dense layer. */
import type { TextInfo } from "../dataset";
import { graphBuilder } from "./builder";
import type { Model } from "./model";

/** Numbers of a symbol's vector, and units of the LSTM, as multiples of the width: a width of 16 gives 64 and 128. */
const EMBEDDING = 4;
const UNITS = 8;

function lstmNetwork(id: string, label: string, task: TextInfo["task"], summary: string): Model {
  return {
    id,
    label,
    summary,
    task,
    width: 16,
    // A sequence of tinyshakespeare as it is cut here; two classes are those of a sentiment.
    published: { input: [64], classes: task === "language-model" ? null : 2 },
    build: ({ width, input, classes, vocabulary = 0 }) => {
      const net = graphBuilder(input);
      const embedded = net.add("embedding", { op: "embedding", vocabulary, size: EMBEDDING * width }, "input");
      const returns = task === "language-model" ? "sequence" : "last";
      const states = net.add("lstm1", { op: "lstm", units: UNITS * width, returns }, embedded);
      net.add("fc", { op: "dense", units: classes, bias: true }, states);
      return net.build(id);
    },
  };
}

export const lstmLanguageModel = lstmNetwork(
  "lstm-lm",
  "LSTM language model",
  "language-model",
  "One LSTM (Hochreiter and Schmidhuber 1997) of 8 units for each of the width predicts the next symbol at every position of a text.",
);

export const lstmClassifier = lstmNetwork(
  "lstm-classifier",
  "LSTM classifier",
  "text-classification",
  "One LSTM (Hochreiter and Schmidhuber 1997) of 8 units for each of the width reads a text; its last state gives the class.",
);
