using System.Globalization;
using Linux;

namespace Ipam.Store;

/// <summary>Copies of damaged files: <c>FILE.damaged-N</c>, the same number for what was damaged at once.</summary>
internal sealed class DamagedCopies(string directory, IReadOnlyList<string> files)
{
    /// <summary>A store that is damaged again and again does not fill the disk.</summary>
    public const int MaxCount = 3;

    private const string Infix = ".damaged-";
    private const int BufferSize = 64 * 1024;

    /// <summary>Copies the files that there are. Nobody needs a copy in order to go on, so one that cannot be made is none.</summary>
    public void Keep()
    {
        try
        {
            int[] numbers = [.. System.IO.Directory.EnumerateFiles(directory).Select(NumberOf).OfType<int>().Distinct().Order()];
            foreach (int old in numbers.SkipLast(MaxCount - 1))
                Delete(old);
            int number = numbers.LastOrDefault() + 1;
            if (!files.All(file => TryCopy(file, Name(file, number))))
                Delete(number);
        }
        catch (Exception e) when (e is LinuxException or IOException or UnauthorizedAccessException)
        {
            // What there is of copies stays.
        }
    }

    private static string Name(string file, int number) => string.Create(CultureInfo.InvariantCulture, $"{file}{Infix}{number}");

    private int? NumberOf(string path)
    {
        foreach (string file in files)
        {
            if (path.StartsWith(file + Infix, StringComparison.Ordinal)
                && int.TryParse(path.AsSpan(file.Length + Infix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                return number;
            }
        }
        return null;
    }

    private void Delete(int number)
    {
        foreach (string file in files)
            File.Delete(Name(file, number));
    }

    private static bool TryCopy(string path, string copy)
    {
        using StoreFile? from = StoreFile.TryOpen(path);
        if (from is null)
            return true;
        try
        {
            using StoreFile to = StoreFile.Make(copy);
            byte[] buffer = new byte[BufferSize];
            for (long at = 0; from.ReadAt(at, buffer) is var count and > 0; at += count)
                to.Descriptor.WriteAt(at, buffer.AsSpan(0, count));
            return true;
        }
        catch (LinuxException)
        {
            // No room.
            return false;
        }
    }
}
