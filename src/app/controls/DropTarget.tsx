import { useEffect, useState } from "react";
import { refuseFiles } from "../bridge/data";
import { droppedFiles } from "./dropped-files";
import { takeFiles } from "./take-files";

/** The whole page takes dropped files; while some are dragged over it, it says what it does with them. */
export function DropTarget() {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
    const drag = (event: DragEvent): void => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setOver(false);
      void droppedFiles(event.dataTransfer).then(takeFiles, refuseFiles);
    };
    document.addEventListener("dragover", drag);
    document.addEventListener("dragleave", leave);
    document.addEventListener("drop", drop);
    return () => {
      document.removeEventListener("dragover", drag);
      document.removeEventListener("dragleave", leave);
      document.removeEventListener("drop", drop);
    };
  }, []);
  if (!over) return null;
  return (
    <div className="drop-overlay" aria-hidden="true">
      <p>
        Drop a data set (images in a zip or a folder, .npz, Parquet, CSV, text, MNIST or CIFAR files), a network (.onnx, .keras,
        model.json with its weights), or a policy (.json).
      </p>
      <p>Nothing leaves this machine.</p>
    </div>
  );
}
