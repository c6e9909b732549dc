import { sizeText } from "../../core/memory-advice";
import { useRun } from "../store/run";

/** What training the network is expected to take of the backend's memory. What does not fit is a problem of the settings. */
export function MemoryNote() {
  const memory = useRun((state) => state.described?.memory);
  return memory && <p className="memory-note">Needs about {sizeText(memory.bytes)} for training.</p>;
}
