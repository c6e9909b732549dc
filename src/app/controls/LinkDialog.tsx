import { Button } from "react-aria-components/Button";
import { Dialog, Heading } from "react-aria-components/Dialog";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { Icon } from "./Icon";

interface Props {
  readonly link: string;
  readonly onClose: () => void;
}

/** The link to copy by hand, where the browser does not let the page do it. */
export default function LinkDialog({ link, onClose }: Props) {
  return (
    <ModalOverlay className="overlay" isOpen onOpenChange={onClose} isDismissable>
      <Modal className="modal">
        <Dialog className="dialog">
          <header className="dialog-header">
            <Heading slot="title">Link to these settings</Heading>
            <Button slot="close" className="button icon-button" aria-label="Close">
              <Icon name="close" />
            </Button>
          </header>
          <p className="help">The browser did not let the page copy it. It is selected: copy it with Ctrl or Cmd and C.</p>
          <input type="text" readOnly autoFocus aria-label="Link" value={link} onFocus={({ target }) => target.select()} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
