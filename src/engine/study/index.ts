export { derivePolicy } from "./derive";
export { newestNetwork } from "./newest";
export { resumeStudy, runStudy } from "./run";
export { openOptimizer, sampleData } from "./stage";
export { disposeStudy, openStudy, type Emit, type Study, type Surroundings } from "./study";
export { baselineTargets, trainTargets } from "./train";
