import { NetworkChart } from "../charts/network/NetworkChart";

/** The graph of the network. */
export default function NetworkPanel() {
  return (
    <div className="network-panel">
      <NetworkChart />
    </div>
  );
}
