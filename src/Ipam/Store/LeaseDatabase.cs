using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Linux;
using LiteDB;
using LiteDB.Engine;

namespace Ipam.Store;

/// <summary>
/// LiteDB as a table of named byte strings, one transaction per opening. The store's lock is held around it.
/// </summary>
/// <remarks>
/// What LiteDB 5.0.20 makes necessary:
/// <list type="bullet">
/// <item>Its random numbers start from the same seed in every process, so a document that is inserted alone always gets the lowest
/// level of the index's skip list, and an index that grows one process at a time becomes a linked list. Documents are therefore
/// inserted together, when a store is made, and updated afterwards.</item>
/// <item>A string or number that spans two pages allocates 16 MB of buffers. Documents are therefore an id and one binary
/// value.</item>
/// <item>Pages have no checksum: each value carries one.</item>
/// <item>The log is read when a store is opened. It is therefore carried into the data file before the store is closed, and what a
/// killed process left in it belongs to a call that has not been answered.</item>
/// </list>
/// </remarks>
internal sealed class LeaseDatabase : IDisposable
{
    private const string Collection = "pool";
    private const string ById = "$._id = @0";
    private const int PageSize = 8192;
    private const int ChecksumSize = sizeof(uint);

    private readonly LiteEngine _engine;
    private readonly DataStream _data;
    private readonly LogStream _log;

    // Parsed once; each look-up sets its parameter.
    private readonly BsonExpression _byId = BsonExpression.Create(ById, BsonValue.Null);

    private LeaseDatabase(DataStream data, LogStream log)
    {
        _data = data;
        _log = log;
        _engine = new LiteEngine(new EngineSettings
        {
            DataStream = data,
            LogStream = log,
            TempStream = Stream.Null,
            // The default follows the process's culture and ignores case.
            Collation = Collation.Binary,
        });
    }

    /// <summary>Whether nothing was ever committed: LiteDB's header page is all there is.</summary>
    public bool IsNew { get; private init; }

    /// <summary>
    /// Pays for what LiteDB initialises once per process: the reflection and the compiled expression of a look-up by id, about
    /// 1 ms. Called early on another thread, it overlaps with whatever comes before the first allocation.
    /// </summary>
    public static void WarmUp()
    {
        RuntimeHelpers.RunClassConstructor(typeof(BsonExpression).TypeHandle);
        _ = BsonExpression.Create(ById, BsonValue.Null);
    }

    /// <exception cref="StoreDamagedException">The files are no store.</exception>
    /// <exception cref="LinuxException">The files cannot be read or written.</exception>
    public static LeaseDatabase Open(StoreFile dataFile, StoreFile logFile) => Guarded(() =>
    {
        DataStream data = new(dataFile);
        LogStream log = new(logFile);
        // Less than a page is what a process leaves that was killed when it made the file.
        if (data.Length < PageSize)
        {
            data.SetLength(0);
            log.SetLength(0);
        }
        if (log.Length > 0)
        {
            using (LeaseDatabase left = new(data, log))
                _ = left._engine.Checkpoint();
            log.SetLength(0);
        }
        return new LeaseDatabase(data, log) { IsNew = data.Length <= PageSize };
    });

    /// <summary>Starts the transaction: all reads and writes up to <see cref="Commit"/> are one.</summary>
    public void Begin() => Guarded(() =>
    {
        _data.Keep();
        return _engine.BeginTrans();
    });

    /// <summary>The bytes that were stored under an id; null if there are none.</summary>
    public byte[]? Find(BsonValue id) => Guarded(() =>
    {
        // ForUpdate: the pages are read once, for this look-up and for the update that follows.
        Query query = new() { ForUpdate = true };
        _byId.Parameters["0"] = id;
        query.Where.Add(_byId);
        using IBsonDataReader reader = _engine.Query(Collection, query);
        return reader.Read() ? Unseal(id, reader.Current.AsDocument) : null;
    });

    /// <exception cref="StoreDamagedException">The id exists.</exception>
    public void Insert(IEnumerable<(BsonValue Id, byte[] Bytes)> values) => Guarded(() =>
        _engine.Insert(Collection, values.Select(value => Seal(value.Id, value.Bytes)), BsonAutoId.Int32));

    /// <exception cref="StoreDamagedException">An id does not exist.</exception>
    public void Update(IReadOnlyCollection<(BsonValue Id, byte[] Bytes)> values) => Guarded(() =>
    {
        if (_engine.Update(Collection, values.Select(value => Seal(value.Id, value.Bytes))) != values.Count)
            throw new StoreDamagedException("a document of the lease store has vanished");
        return values.Count;
    });

    public void Delete(IEnumerable<BsonValue> ids) => Guarded(() => _engine.Delete(Collection, ids));

    /// <summary>Ends the transaction. What it wrote is in the data file when this returns, and nothing of it if this fails.</summary>
    public void Commit() => Guarded(() => CallerThreadScheduler.Run(() =>
    {
        try
        {
            _ = _engine.Commit();
            _ = _engine.Checkpoint();
            return _log.Length == 0 ? true : throw new StoreDamagedException("the lease store's log could not be carried over");
        }
        catch
        {
            TakeBack();
            throw;
        }
    }));

    /// <summary>What was stored under an id, taken out of the bytes that hold it.</summary>
    /// <param name="id">The id.</param>
    /// <param name="sealedBytes">As they stand in the file.</param>
    /// <param name="bytes">The value, sound or not.</param>
    /// <returns>Whether it is what was stored.</returns>
    public static bool TryUnseal(BsonValue id, byte[] sealedBytes, out byte[] bytes)
    {
        bytes = sealedBytes.Length < ChecksumSize ? [] : sealedBytes[ChecksumSize..];
        return sealedBytes.Length >= ChecksumSize && BinaryPrimitives.ReadUInt32LittleEndian(sealedBytes) == Checksum(id, bytes);
    }

    /// <summary>Closes the store; a transaction that was not committed never was.</summary>
    public void Dispose()
    {
        _engine.Dispose();
        _data.Dispose();
        _log.Dispose();
    }

    /// <summary>LiteDB itself would try again when it is closed, and leave in the file what could not be carried over.</summary>
    private void TakeBack()
    {
        _log.EndUse();
        try
        {
            _data.TakeBack();
            _log.SetLength(0);
        }
        catch (LinuxException)
        {
            // The disk takes back nothing that it has taken. The log is whole, and the next opening carries it over as a whole.
        }
    }

    /// <summary>Whatever LiteDB throws, it met bytes that it did not write, unless the kernel refused to read or write them.</summary>
    private static T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is not (LinuxException or StoreDamagedException))
        {
            throw new StoreDamagedException(e.Message, e);
        }
    }

    private static BsonDocument Seal(BsonValue id, byte[] bytes)
    {
        byte[] sealedBytes = new byte[ChecksumSize + bytes.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(sealedBytes, Checksum(id, bytes));
        bytes.CopyTo(sealedBytes.AsSpan(ChecksumSize));
        return new BsonDocument { ["_id"] = id, ["bytes"] = sealedBytes };
    }

    private static byte[] Unseal(BsonValue id, BsonDocument document)
    {
        if (document["_id"] != id || document["bytes"].AsBinary is not { } sealedBytes)
            throw new StoreDamagedException($"document {id} of the lease store is another one");
        return TryUnseal(id, sealedBytes, out byte[] bytes)
            ? bytes
            : throw new StoreDamagedException($"document {id} of the lease store has a wrong checksum");
    }

    /// <summary>Of the bytes under their id, so that no document passes for another.</summary>
    private static uint Checksum(BsonValue id, ReadOnlySpan<byte> bytes) =>
        Crc32C.Of(bytes, id.IsInt32 ? (uint)id.AsInt32 : Crc32C.Of(MemoryMarshal.AsBytes(id.AsString.AsSpan()), 0));
}
