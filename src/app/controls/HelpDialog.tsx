import { Button } from "react-aria-components/Button";
import { Dialog, Heading } from "react-aria-components/Dialog";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { Icon } from "./Icon";
import { SHORTCUTS } from "./shortcuts";

interface Props {
  readonly isOpen: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** The keys. */
export default function HelpDialog({ isOpen, onOpenChange }: Props) {
  return (
    <ModalOverlay className="overlay" isOpen={isOpen} onOpenChange={onOpenChange} isDismissable>
      <Modal className="modal">
        <Dialog className="dialog">
          <header className="dialog-header">
            <Heading slot="title">Keyboard</Heading>
            <Button slot="close" className="button icon-button" aria-label="Close">
              <Icon name="close" />
            </Button>
          </header>
          <dl className="keys">
            {SHORTCUTS.map(({ keys, does }) => (
              <div key={does}>
                <dt>
                  {keys.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
          <p className="help">
            The address of this page holds every setting: copy it to share what is set. Nothing you open here leaves this machine.
          </p>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
