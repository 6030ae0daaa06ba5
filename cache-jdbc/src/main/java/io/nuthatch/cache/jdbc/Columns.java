package io.nuthatch.cache.jdbc;

import io.nuthatch.cache.ConfigurationException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The columns that hold a value: one for the whole, or one for each component of a record.
///
/// @param <V> the values
sealed interface Columns<V> {
    /// A column.
    record Column(String name, ColumnType<Object> type) {}

    List<Column> columns();

    /// Sets the parameters from `first` on.
    void bind(PreparedStatement statement, int first, V value) throws SQLException;

    /// Reads a value from the columns from `first` on; null when the one column that holds it is null.
    @Nullable
    V read(ResultSet row, int first) throws SQLException;

    /// The whole value in one column.
    record One<V>(String name, ColumnType<V> type) implements Columns<V> {
        @Override
        @SuppressWarnings("unchecked")
        public List<Column> columns() {
            return List.of(new Column(name, (ColumnType<Object>) type));
        }

        @Override
        public void bind(PreparedStatement statement, int first, V value) throws SQLException {
            type.bind(statement, first, value);
        }

        @Override
        public @Nullable V read(ResultSet row, int first) throws SQLException {
            return type.read(row, first);
        }
    }

    /// A column for each component of a record but the one that is the key, whose column is there already.
    final class OfRecord<V> implements Columns<V> {
        private record Part(Method accessor, boolean isKey, Column column) {}

        private final List<Part> parts = new ArrayList<>();
        private final List<Column> columns;
        private final Constructor<V> constructor;

        OfRecord(Class<V> type, String keyColumn) {
            RecordComponent[] components = type.getRecordComponents();
            if (components == null) {
                throw new ConfigurationException(
                        "columns", type.getName() + " is no record", "leave .columns() out: the value is one column");
            }
            try {
                List<Class<?>> types = new ArrayList<>();
                for (RecordComponent component : components) {
                    types.add(component.getType());
                    component.getAccessor().setAccessible(true);
                    Column column = new Column(component.getName(), ColumnType.of(component.getGenericType()));
                    parts.add(new Part(
                            component.getAccessor(), component.getName().equals(keyColumn), column));
                }
                constructor = type.getDeclaredConstructor(types.toArray(Class<?>[]::new));
                constructor.setAccessible(true);
            } catch (ReflectiveOperationException | RuntimeException e) {
                throw new ConfigurationException(
                        "columns",
                        "record " + type.getName() + " cannot be taken apart: " + e,
                        "open its package to io.nuthatch.cache.jdbc");
            }
            columns = parts.stream()
                    .filter(part -> !part.isKey())
                    .map(Part::column)
                    .toList();
        }

        @Override
        public List<Column> columns() {
            return columns;
        }

        @Override
        public void bind(PreparedStatement statement, int first, V value) throws SQLException {
            int parameter = first;
            for (Part part : parts) {
                if (!part.isKey()) {
                    part.column().type().bind(statement, parameter++, component(part, value));
                }
            }
        }

        private @Nullable Object component(Part part, V value) {
            try {
                return part.accessor().invoke(value);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("component " + part.column().name() + " of " + value, e);
            }
        }

        /// Rows begin with the key, so its component is read from column 1.
        @Override
        public V read(ResultSet row, int first) throws SQLException {
            @Nullable Object[] values = new Object[parts.size()];
            int column = first;
            for (int i = 0; i < values.length; i++) {
                Part part = parts.get(i);
                values[i] = part.column().type().read(row, part.isKey() ? 1 : column++);
            }
            try {
                return constructor.newInstance(values);
            } catch (InvocationTargetException e) {
                throw new SQLException("the record refuses the row: " + e.getCause(), e.getCause());
            } catch (ReflectiveOperationException | IllegalArgumentException e) {
                throw new SQLException("no " + constructor.getName() + " can be made of the row: " + e, e);
            }
        }
    }
}
