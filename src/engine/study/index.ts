export { adaptStudy } from "./adapt";
export { checkNetwork, evaluateAsIs } from "./check";
export { derivePolicy } from "./derive";
export { memoryOf } from "./memory";
export { newestNetwork } from "./newest";
export { resumeStudy, runStudy } from "./run";
export { openOptimizer, sampleData } from "./stage";
export { disposeStudy, openStudy, type Emit, type Study, type Surroundings } from "./study";
export { baselineTargets, trainTargets } from "./train";
