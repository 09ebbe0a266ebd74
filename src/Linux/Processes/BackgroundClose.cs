using System.Runtime.InteropServices;
using Linux.Files;

namespace Linux.Processes;

/// <summary>
/// Leaves the last close of a file to a worker of the kernel's. The last close may have to wait, and a process cannot put that off, not by
/// ending either. But it can register the file with an io_uring: the files of a ring are released some time after the ring was closed, once
/// nobody can be using it (io_ring_exit_work, io_uring/io_uring.c), and nobody waits for that.
/// </summary>
internal static class BackgroundClose
{
    // asm-generic/unistd.h; alike on every architecture
    private const nint SYS_io_uring_setup = 425;
    private const nint SYS_io_uring_register = 427;

    // linux/io_uring.h: an operation, and the size of struct io_uring_params
    private const nint IORING_REGISTER_FILES = 2;
    private const int ParametersSize = 120;

    /// <summary>
    /// Gives up a descriptor, which may be closed already: its number is free on return. The file is closed in the background if this
    /// process may use io_uring (kernel 5.1 and later, <c>kernel.io_uring_disabled</c>, SELinux), otherwise at once.
    /// </summary>
    public static unsafe void Close(FileDescriptor file)
    {
        if (file.IsClosed)
            return;
        byte* parameters = stackalloc byte[ParametersSize];
        NativeMemory.Clear(parameters, ParametersSize);
        int fd = (int)SystemCall.Call(SYS_io_uring_setup, 1, (nint)parameters, 0, 0);
        if (fd < 0)
        {
            file.Dispose();
            return;
        }
        using FileDescriptor ring = FileDescriptor.Own(fd);
        int number = file.Number;
        _ = SystemCall.Call(SYS_io_uring_register, fd, IORING_REGISTER_FILES, (nint)(&number), 1);
        // Before the ring, whose worker would otherwise leave the last close to us.
        file.Dispose();
    }
}
