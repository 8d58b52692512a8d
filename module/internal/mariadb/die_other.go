//go:build !linux

package mariadb

import (
	"os/exec"
	"syscall"
)

// dieWithParent keeps a terminal's Ctrl-C from reaching the server before we have finished with it. Where the kernel
// cannot end it with us, the next start stops what is left.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
