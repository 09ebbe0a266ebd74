using System.Text;

namespace Linux.Files;

/// <summary>stdin, stdout and stderr as bytes: a CNI answer is one write, without the encodings and buffers of System.Console.</summary>
public static class StandardStreams
{
    /// <summary>How many bytes stdin may bring: 60,000 published ports behind a prevResult are a fourth of it.</summary>
    public const int MaxInput = 16 * 1024 * 1024;

    /// <summary>All of stdin.</summary>
    /// <exception cref="LinuxException">
    /// read(2) failed; EBADF if stdin is closed, EFBIG if it brings more than <see cref="MaxInput"/>.
    /// </exception>
    public static byte[] ReadInput() => FileDescriptor.Borrow(0).ReadToEnd(MaxInput);

    /// <summary>Writes to stdout.</summary>
    /// <exception cref="LinuxException">write(2) failed.</exception>
    public static void WriteOutput(ReadOnlySpan<byte> bytes) => FileDescriptor.Borrow(1).Write(bytes);

    /// <summary>Writes one line to stderr. Nobody listening there is no reason to fail.</summary>
    public static void WriteError(string line)
    {
        try
        {
            FileDescriptor.Borrow(2).Write(Encoding.UTF8.GetBytes(line + "\n"));
        }
        catch (LinuxException)
        {
            // Diagnostics are a courtesy; the answer on stdout is the contract.
        }
    }
}
