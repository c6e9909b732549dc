import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { Dialog, Heading } from "react-aria-components/Dialog";
import { Modal, ModalOverlay } from "react-aria-components/Modal";

interface Props {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** "What am I looking at?": what a chart shows, its formula and the figure of the paper that it follows. */
export default function Explanation({ title, onClose, children }: Props) {
  return (
    <ModalOverlay className="overlay" isOpen onOpenChange={onClose} isDismissable>
      <Modal className="modal">
        <Dialog className="dialog">
          <header className="dialog-header">
            <Heading slot="title">{title}</Heading>
            <Button slot="close" className="button">
              Close
            </Button>
          </header>
          <div className="explanation">{children}</div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
