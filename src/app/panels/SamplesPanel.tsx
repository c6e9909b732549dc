import { useEffect, useRef } from "react";
import type { DatasetInfo } from "../../core/dataset";
import type { Samples } from "../../core/protocol";
import { Icon } from "../controls/Icon";
import { useRun } from "../store/run";

/** Sample images with what they are and what the network takes them for. */
export default function SamplesPanel() {
  const samples = useRun((state) => state.samples);
  const data = useRun((state) => state.data);
  if (!samples || !data) return <p className="empty">Sample images appear here as soon as the data is open.</p>;
  const wrong = samples.predictions ? samples.labels.filter((label, i) => label !== samples.predictions?.[i]).length : 0;
  return (
    <div className="samples-panel">
      <p className="help">
        {samples.predictions
          ? `${samples.by}: ${samples.labels.length - wrong} of ${samples.labels.length} right. A cross shows what an image was taken for.`
          : "Start a search: predictions appear after its first epoch."}
      </p>
      <ul className="samples">
        {Array.from(samples.labels, (_, index) => (
          <Sample key={index} index={index} samples={samples} data={data} />
        ))}
      </ul>
    </div>
  );
}

interface SampleProps {
  readonly index: number;
  readonly samples: Samples;
  readonly data: DatasetInfo;
}

function Sample({ index, samples, data }: SampleProps) {
  const label = className(data, samples.labels[index]);
  const guess = samples.predictions ? className(data, samples.predictions[index]) : null;
  const wrong = guess !== null && samples.labels[index] !== samples.predictions?.[index];
  return (
    <li className={wrong ? "sample wrong" : "sample"}>
      <Pixels index={index} samples={samples} data={data} />
      <span>{label}</span>
      {wrong && (
        <span className="sample-guess">
          <Icon name="wrong" />
          <span className="visually-hidden">taken for </span>
          {guess}
        </span>
      )}
    </li>
  );
}

function Pixels({ index, samples, data }: SampleProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { height, width, channels } = data;
  const { images } = samples;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const picture = context.createImageData(width, height);
    for (let pixel = 0; pixel < width * height; pixel++) {
      const from = (index * width * height + pixel) * channels;
      for (let color = 0; color < 3; color++) picture.data[4 * pixel + color] = images[from + (channels === 3 ? color : 0)] ?? 0;
      picture.data[4 * pixel + 3] = 255;
    }
    context.putImageData(picture, 0, 0);
  }, [images, index, width, height, channels]);
  return <canvas ref={canvas} width={width} height={height} aria-hidden="true" />;
}

const className = (data: DatasetInfo, index: number | undefined): string =>
  index === undefined ? "" : (data.classes[index] ?? String(index));
