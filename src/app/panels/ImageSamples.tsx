import { useEffect, useRef } from "react";
import type { ImageInfo, ImageSplit } from "../../core/dataset";
import type { Samples } from "../../core/protocol";
import { Icon } from "../controls/Icon";

interface SamplesProps {
  readonly samples: Samples;
  readonly split: ImageSplit;
  readonly data: ImageInfo;
}

/** Sample images with their classes; a cross where the network takes one for another. */
export function ImageSamples(props: SamplesProps) {
  return (
    <ul className="samples">
      {Array.from(props.split.labels, (_, index) => (
        <Sample key={index} index={index} {...props} />
      ))}
    </ul>
  );
}

interface SampleProps extends SamplesProps {
  readonly index: number;
}

function Sample({ index, samples, split, data }: SampleProps) {
  const label = className(data, split.labels[index]);
  const guess = samples.predictions ? className(data, samples.predictions[index]) : null;
  const wrong = guess !== null && split.labels[index] !== samples.predictions?.[index];
  return (
    <li className={wrong ? "sample wrong" : "sample"}>
      <Pixels index={index} images={split.images} data={data} />
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

interface PixelsProps extends Pick<SampleProps, "index" | "data"> {
  readonly images: Uint8Array;
}

function Pixels({ index, images, data }: PixelsProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { height, width, channels } = data;
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

const className = (data: ImageInfo, index: number | undefined): string =>
  index === undefined ? "" : (data.classes[index] ?? String(index));
