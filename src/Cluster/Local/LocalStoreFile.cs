using System.Buffers.Binary;
using System.Globalization;
using Cluster.Store;
using Linux;
using Linux.Files;
using LiteDB;
using LiteDB.Engine;

namespace Cluster.Local;

/// <summary>
/// The file of a local store: LiteDB as a table of named byte strings, a document an id and one binary value (the engine reserves 16 MB
/// for a
/// text that spans two pages). What was committed is in the file when the call returns.
/// </summary>
internal sealed class LocalStoreFile : IDisposable
{
    private const string Collection = "values";
    private const string RevisionId = "revision";
    private const string LeasePrefix = "lease/";
    private const string ValuePrefix = "value/";
    private const int HeaderSize = 2 * sizeof(long);
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly LiteEngine _engine;
    private readonly FileLock _lock;

    private LocalStoreFile(LiteEngine engine, FileLock held)
    {
        _engine = engine;
        _lock = held;
    }

    /// <summary>Opens the file, or makes it, with directories, for its owner alone.</summary>
    /// <exception cref="StoreException">It cannot be opened, or another process has it.</exception>
    public static LocalStoreFile Open(string path)
    {
        try
        {
            OwnerDirectory.Create(Path.GetDirectoryName(Path.GetFullPath(path))!);
            // Not on the file itself, which LiteDB locks in its own way.
            FileLock held = FileLock.Acquire($"{path}.lock", TimeSpan.Zero);
            try
            {
                FileDescriptor.Open(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.NoFollow, OwnerOnly).Dispose();
                return new LocalStoreFile(new LiteEngine(new EngineSettings { Filename = path, Collation = Collation.Binary }), held);
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
        catch (TimeoutException e)
        {
            throw new StoreException(
                StoreErrorKind.Invalid, $"the store {path} is another agent's: stop it, or give this one a store of its own", e);
        }
        catch (Exception e) when (e is LinuxException or IOException or UnauthorizedAccessException or LiteException)
        {
            throw new StoreException(StoreErrorKind.Invalid, $"the store {path} cannot be opened: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _engine.Dispose();
        _lock.Dispose();
    }

    /// <summary>Reads everything.</summary>
    /// <param name="addValue">A key, its bytes, its revision and the number of its lease, 0 for none.</param>
    /// <param name="addLease">The number of a lease and its lifetime.</param>
    /// <returns>The last revision.</returns>
    public long Read(Action<string, byte[], long, long> addValue, Action<long, TimeSpan> addLease)
    {
        long revision = 0;
        using IBsonDataReader reader = _engine.Query(Collection, new Query());
        while (reader.Read())
        {
            string id = reader.Current["_id"].AsString;
            byte[] bytes = reader.Current["b"].AsBinary;
            if (id == RevisionId)
                revision = NumberAt(bytes, 0);
            else if (id.StartsWith(LeasePrefix, StringComparison.Ordinal))
                addLease(long.Parse(id.AsSpan(LeasePrefix.Length), CultureInfo.InvariantCulture), TimeSpan.FromTicks(NumberAt(bytes, 0)));
            else
                addValue(id[ValuePrefix.Length..], bytes[HeaderSize..], NumberAt(bytes, 0), NumberAt(bytes, sizeof(long)));
        }
        return revision;
    }

    /// <summary>Writes a transaction.</summary>
    /// <param name="revision">Its revision.</param>
    /// <param name="changes">Each key with its bytes and the number of its lease; null bytes to delete it.</param>
    public void Write(long revision, IEnumerable<(string Key, ReadOnlyMemory<byte>? Bytes, long Lease)> changes) => Commit(() =>
    {
        Upsert(RevisionId, Number(revision));
        foreach ((string key, ReadOnlyMemory<byte>? bytes, long lease) in changes)
        {
            if (bytes is { } value)
                Upsert(ValuePrefix + key, [.. Number(revision), .. Number(lease), .. value.Span]);
            else
                _ = _engine.Delete(Collection, [ValuePrefix + key]);
        }
    });

    /// <summary>Remembers a lease.</summary>
    public void WriteLease(long id, TimeSpan lifetime) => Commit(() => Upsert(LeaseId(id), Number(lifetime.Ticks)));

    /// <summary>Forgets a lease.</summary>
    public void DeleteLease(long id) => Commit(() => _engine.Delete(Collection, [LeaseId(id)]));

    private void Commit(Action write)
    {
        try
        {
            _ = _engine.BeginTrans();
            write();
            _ = _engine.Commit();
            _ = _engine.Checkpoint();
        }
        catch (Exception e) when (e is IOException or LiteException)
        {
            _ = _engine.Rollback();
            throw new StoreException(StoreErrorKind.Unavailable, $"the local store cannot be written: {e.Message}", e);
        }
    }

    private void Upsert(string id, byte[] bytes) =>
        _engine.Upsert(Collection, [new BsonDocument { ["_id"] = id, ["b"] = bytes }], BsonAutoId.ObjectId);

    private static string LeaseId(long id) => string.Create(CultureInfo.InvariantCulture, $"{LeasePrefix}{id}");

    private static long NumberAt(byte[] bytes, int offset) => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(offset));

    private static byte[] Number(long value)
    {
        byte[] bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }
}
