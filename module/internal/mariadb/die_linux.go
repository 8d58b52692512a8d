package mariadb

import (
	"os/exec"
	"syscall"
)

// dieWithParent lets the kernel stop the server when this program is killed, and keeps a terminal's Ctrl-C from
// reaching it before we have finished with it.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM, Setpgid: true}
}
